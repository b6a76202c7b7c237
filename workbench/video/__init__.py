"""Sharper video: what a video is and will take, and the end of a job: its runs become one file."""

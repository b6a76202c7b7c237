"""Which machine an office needs: cards, speeds with their source, the queue in simulated time, memory and cost.

Values in, values out; ``workbench/machine/planner.py`` brings the office's own numbers and runs it beside the server.
"""

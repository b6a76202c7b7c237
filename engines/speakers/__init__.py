"""Who is heard when: segmentation and CAM++."""

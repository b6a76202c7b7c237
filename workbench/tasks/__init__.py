"""For each task: how its input is cut into chunks and how the results are joined."""

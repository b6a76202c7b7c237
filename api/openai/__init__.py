"""OpenAI's audio interface: its addresses, parameters and exact bodies over the workbench's jobs."""

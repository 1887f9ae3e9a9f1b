"""Starting and ending a target and what it runs on: processes, ports, instances."""

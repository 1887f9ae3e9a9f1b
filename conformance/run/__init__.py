"""The engine: runs the features on testbeds and concludes."""

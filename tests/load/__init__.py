"""Load on an implementation from one machine or several, by Locust."""

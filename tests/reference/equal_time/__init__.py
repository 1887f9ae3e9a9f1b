"""Does a request take the same time for known, unknown and suspended addresses (AC-9)?"""

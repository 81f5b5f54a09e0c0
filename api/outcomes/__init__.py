"""What becomes of whom, for those who may know: each party's part of a plan, and counts for all.

A part is a round and a plan of their own, that hold nothing else: whatever is made from them,
answers, files and their metadata, cannot tell more.
"""

"""Batch scoring: answers for a whole source, streamed, resumable, whole or not there at all."""

"""The parts of the page about the model as it is deployed."""

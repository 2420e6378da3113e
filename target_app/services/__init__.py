"""The rules of the business; views call these, these call the models."""

"""What runs in production: engines, compatibility, mount and shadow. Nothing here needs libcst."""

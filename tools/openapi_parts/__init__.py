"""The parts of the OpenAPI document, and what is made of them: see README.md."""

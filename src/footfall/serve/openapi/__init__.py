"""The description of all APIs: /openapi.json and /llms.txt."""

"""Pictures and curves from a results folder of spinode."""

"""Witnesses of stationary laws."""

"""What is made of plans, studies and forecasts: workbooks, lists, calendars, pages."""

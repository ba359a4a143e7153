namespace CovidCxr.Storage;

/// <summary>The database cannot be brought to this program's schema. It is as it was, and the message says what to do.</summary>
public sealed class DatabaseUpgradeException(string message, Exception? cause = null) : Exception(message, cause);

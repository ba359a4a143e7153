namespace CovidCxr.Domain.Accounts;

/// <summary>The actor's roles do not allow this. Web maps it to 403.</summary>
public sealed class AccessRefusedException(string message) : Exception(message);

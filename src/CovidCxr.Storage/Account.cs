using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Storage;

/// <summary>A person who signs in.</summary>
public sealed class Account : IdentityUser<Guid>
{
    public const int MaxFullName = 100;

    /// <summary>What the person is called, as a reading is signed; null where nobody said.</summary>
    public string? FullName { get; set; }

    /// <summary>The full name with the user name, which no two people share; or that alone. The database makes it.</summary>
    public string ShownName { get; private set; } = "";

    /// <summary>A disabled account signs in no more; what it did stays.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>The 30 seconds, counted from 1970, of the last code of an authenticator that was taken: none is taken twice.</summary>
    public long LastCodeStep { get; set; }
}

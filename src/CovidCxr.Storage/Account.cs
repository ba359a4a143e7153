using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Storage;

/// <summary>A person who signs in.</summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>A disabled account signs in no more; what it did stays.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>The 30 seconds, counted from 1970, of the last code of an authenticator that was taken: none is taken twice.</summary>
    public long LastCodeStep { get; set; }
}

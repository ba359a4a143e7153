using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Storage;

/// <summary>A person who signs in.</summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>A disabled account signs in no more; what it did stays.</summary>
    public bool IsDisabled { get; set; }
}

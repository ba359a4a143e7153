namespace CovidCxr.Domain.Accounts;

/// <summary>The three roles of people, as Identity stores them, and that of programs.</summary>
public static class Role
{
    public const string Radiologist = "Radiologist";
    public const string DepartmentLead = "DepartmentLead";
    public const string Admin = "Admin";

    /// <summary>Another program, by the API. No person has it, so it is none of <see cref="All"/>.</summary>
    public const string Program = "Program";

    public static IReadOnlyList<string> All { get; } = [Radiologist, DepartmentLead, Admin];
}

/// <summary>Who asks for something.</summary>
public sealed record Actor(Guid UserId, string UserName, IReadOnlySet<string> Roles)
{
    /// <summary>The address that the request came from, for the audit trail; null where there is none.</summary>
    public string? Source { get; init; }

    /// <summary>The session that the request belongs to; null where there is none.</summary>
    public Guid? Session { get; init; }

    /// <summary>Whether this session was opened with two factors.</summary>
    public bool HasTwoFactors { get; init; }

    public bool Is(string role) => Roles.Contains(role);

    /// <exception cref="AccessRefusedException">The actor has none of the roles.</exception>
    public void Demand(params ReadOnlySpan<string> roles)
    {
        foreach (var role in roles)
        {
            if (Is(role))
            {
                return;
            }
        }

        throw new AccessRefusedException("Your role does not allow this.");
    }
}

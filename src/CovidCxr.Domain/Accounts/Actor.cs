namespace CovidCxr.Domain.Accounts;

/// <summary>The three roles, as Identity stores them.</summary>
public static class Role
{
    public const string Radiologist = "Radiologist";
    public const string DepartmentLead = "DepartmentLead";
    public const string Admin = "Admin";

    public static IReadOnlyList<string> All { get; } = [Radiologist, DepartmentLead, Admin];
}

/// <summary>Who asks for something.</summary>
public sealed record Actor(Guid UserId, string UserName, IReadOnlySet<string> Roles)
{
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

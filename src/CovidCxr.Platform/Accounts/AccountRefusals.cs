using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;

namespace CovidCxr.Platform.Accounts;

static class AccountRefusals
{
    /// <summary>Records that nothing was changed, and gives back why.</summary>
    public static async Task<IReadOnlyList<string>> RefuseAsync(
        this AuditLog audit, Actor? actor, AuditAction action, IReadOnlyList<string> errors)
    {
        await audit.RecordAsync(actor, action, AuditOutcome.Refused);
        return errors;
    }
}

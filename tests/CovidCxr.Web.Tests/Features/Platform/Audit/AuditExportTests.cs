using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Platform.Audit;

/// <summary>The administrator takes the trail away as a file, and every entry says where it came from.</summary>
public sealed class AuditExportTests : IAsyncLifetime
{
    Installation _installation = null!;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync();

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task Export_TellsWhoDidWhatFromWhere_InBothFormats_AndIsAuditedItself()
    {
        await _installation.Services.GetRequiredService<AuditLog>().RecordAsync(
            TestClinic.Lead, AuditAction.PolicyChange, AuditOutcome.Succeeded, detail: "=HYPERLINK(\"x\"), \"quoted\"");
        using (var reader = await _installation.VisitAsync(TestClinic.Reader))
        {
            await reader.GetAsync("/admin/audit", "text/html");
        }

        using var admin = await _installation.VisitAsync(TestClinic.Admin);
        var csv = await admin.ReadAsync("/admin/audit/export");
        var lines = await admin.ReadAsync("/admin/audit/export?format=Jsonl&action=SignIn&user=reader");
        var exports = await admin.ReadAsync("/admin/audit/export?format=Jsonl&action=AuditExport");

        Assert.StartsWith("id,at,user_id,user,source,action,", csv.TrimStart('\uFEFF'), StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(\"\"x\"\"), \"\"quoted\"\"\"", csv, StringComparison.Ordinal);
        Assert.Contains(",reader,127.0.0.1,SignIn,Succeeded,", csv, StringComparison.Ordinal);
        Assert.Contains(",reader,127.0.0.1,AccessRefused,Refused,,", csv, StringComparison.Ordinal);
        Assert.Contains("\"Source\":\"127.0.0.1\",", Assert.Single(lines.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(3, exports.Trim().Split('\n').Length);
        Assert.DoesNotContain("reader", exports, StringComparison.Ordinal);
    }
}

using System.Text;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Tests.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Exports;

public sealed class ExportRegistryTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    ReadDepartment _department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _department = await ReadDepartment.FillAsync(_clinic, Cancellation);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<List<Dictionary<string, string>>> ExportAsync(AgreementFilter filter, Actor? actor = null)
    {
        using var stream = new MemoryStream();
        await _clinic.Get<ExportRegistry>().RunAsync(filter, stream, actor ?? TestClinic.Lead, Cancellation);
        // No cell of this department holds a comma but the notice, which is quoted and last.
        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(l => names.Zip(l.Split(',', names.Length)).ToDictionary(p => p.First, p => p.Second))];
    }

    [Fact]
    public async Task RunAsync_OfAllReadings_HasALineForEachWithWhatWasPutIn()
    {
        var lines = await ExportAsync(new());

        Assert.Equal(_department.Readings.Count, lines.Count);
        Assert.Equal(
            _department.Readings.Select(r => (
                r.Study.ToString(), Words(r.BlindCall, r.Blind is null), Words(r.FinalCall, false),
                Score: r.Score?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? ""))
                .Order(),
            lines.Select(l => (l["study_id"], l["reader_before_ai"], l["reader_after_ai"], Score: l["ai_score"])).Order());
        Assert.All(lines, l => Assert.Equal(
            (l["ai_result"], l["reader_after_ai"]) switch
            {
                ("", _) or (_, "indeterminate") => "",
                var (model, reader) => model == reader ? "concordant" : "discordant"
            },
            l["concordance"]));
        Assert.All(lines, l => Assert.Equal("\"Decision support, not a diagnosis.\"", l["notice"]));
        Assert.Equal("AgreementExport", Assert.Single(await _clinic.AuditAsync(AuditAction.AgreementExport)).Action.ToString());

        static string Words(bool? call, bool isNone) =>
            isNone ? "" : call switch { true => "positive", false => "negative", _ => "indeterminate" };
    }

    [Fact]
    public async Task RunAsync_OfFormulasAndOldPatients_IsSafeAndTellsOfNobody()
    {
        await using (var db = _clinic.Context())
        {
            foreach (var study in db.Studies.Where(s => s.AgeYears == 30))
            {
                db.Entry(study).Property(s => s.AgeYears).CurrentValue = 97;
            }

            await db.SaveChangesAsync(Cancellation);
            await db.ModelVersions.ExecuteUpdateAsync(s => s.SetProperty(m => m.Name, "=HYPERLINK(1)"), Cancellation);
        }

        var lines = await ExportAsync(new());

        Assert.All(lines.Where(l => l["ai_model"].Length > 0), l => Assert.Equal("'=HYPERLINK(1)", l["ai_model"]));
        Assert.Contains(lines, l => l["patient_age_years"] == "90+");
        Assert.DoesNotContain(lines, l => l["patient_age_years"] == "97");
        var text = string.Join('\n', lines.SelectMany(l => l.Values));
        Assert.DoesNotContain("P-", text, StringComparison.Ordinal);
        Assert.DoesNotContain(TestClinic.Reader.UserName + ",", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_UnderAFilterOrForOthers_LeavesOutOrRefuses()
    {
        Assert.Equal(_department.Readings.Count(r => r.View == ViewPosition.AP), (await ExportAsync(new(View: ViewPosition.AP))).Count);
        // A lead who reads learns nothing of films that wait for the own reading.
        Assert.Empty(await ExportAsync(new(), TestClinic.ReadingLead));
        await Assert.ThrowsAsync<AccessRefusedException>(() => ExportAsync(new(), TestClinic.Reader));
        await Assert.ThrowsAsync<AccessRefusedException>(() => ExportAsync(new(), TestClinic.Admin));
    }
}

using System.Text.RegularExpressions;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Results;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Tests;

/// <summary>The conformance statement says what the code does, and no more.</summary>
public sealed partial class ConformanceTests
{
    static string Statement
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "CovidCxr.Web.sln")))
            {
                folder = folder.Parent;
            }

            return File.ReadAllText(Path.Combine(folder.FullName, "src", "CovidCxr.Hospital", "CONFORMANCE.md"));
        }
    }

    [Fact]
    public void Tables_AreTheListsOfTheCode()
    {
        var rows = Row().Matches(Statement).Select(m => (Uid: m.Groups[2].Value, Name: m.Groups[1].Value)).ToList();

        Assert.Equal(
            [
                ("1.2.840.10008.1.1", "Verification"), .. DicomConformance.SopClasses, .. DicomConformance.TransferSyntaxes,
                (SecondaryCapture.SopClass, "Secondary Capture Image Storage"),
                (StructuredReport.SopClass, "Comprehensive 3D SR Storage"),
            ],
            rows);
    }

    [Fact]
    public void Negotiation_OffersTheListsOfTheCode()
    {
        var offered = Offer().Matches(StoreProcess.Negotiation()).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(
            [
                .. DicomConformance.TransferSyntaxes.Select(t => t.Uid), "1.2.840.10008.1.1",
                .. DicomConformance.SopClasses.Select(c => c.Uid)],
            offered);
    }

    [Fact]
    public void Figures_AreThoseOfTheCode()
    {
        var defaults = new HospitalOptions();

        Assert.All(
            [
                $"`{defaults.AeTitle}`", $"port {defaults.Port}", $"{defaults.IdleTimeout.TotalSeconds:F0} seconds",
                $"{DicomReceiver.MaxAssociations} associations", $"{Association.MaxObjectBytes >> 20} MB",
                $"After {SendResult.MostRefusals} refusals, or {SendResult.MostAttempts} attempts",
                $"from {StudyResult.FirstSeriesNumber} on", $"{SecondaryCapture.Side} pixels", StudyResult.Disclaimer],
            figure => Assert.Contains(figure, Statement, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| ([^|]+?) \| `([0-9.]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(?:TransferSyntax|PresentationContext)\d+ = ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Offer();
}

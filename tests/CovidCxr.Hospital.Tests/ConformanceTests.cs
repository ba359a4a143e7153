using System.Text.RegularExpressions;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Results;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests;

/// <summary>The conformance statement says what the code does, and no more.</summary>
public sealed partial class ConformanceTests
{
    static string Statement =>
        File.ReadAllText(Path.Combine(SharedData.Repository()!, "src", "CovidCxr.Hospital", "CONFORMANCE.md"));

    [Fact]
    public void Tables_AreTheListsOfTheCode()
    {
        var rows = Row().Matches(Statement).Select(m => (Uid: m.Groups[2].Value, Name: m.Groups[1].Value)).ToList();

        Assert.Equal(
            [
                ("1.2.840.10008.1.1", "Verification"), .. DicomConformance.SopClasses, .. DicomConformance.TransferSyntaxes,
                (SecondaryCapture.SopClass, "Secondary Capture Image Storage"),
                (StructuredReport.SopClass, "Comprehensive 3D SR Storage"),
                (KeyObjects.SopClass, "Key Object Selection Document Storage"),
            ],
            rows);
    }

    [Fact]
    public void Negotiation_OffersTheListsOfTheCode()
    {
        var offered = Offer().Matches(StoreProcess.Negotiation()).Select(m => m.Groups[1].Value).ToList();

        // JPEG-LS and JPEG 2000 are offered where their libraries are installed.
        Assert.Subset(DicomConformance.TransferSyntaxes.ToHashSet(), DicomConformance.TransferSyntaxesHere.ToHashSet());
        Assert.Equal(
            [
                .. DicomConformance.TransferSyntaxesHere.Select(t => t.Uid), "1.2.840.10008.1.1",
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
                $"from {StudyResult.FirstSeriesNumber} on", $"{SecondaryCapture.Side} pixels", StudyResult.Disclaimer,
                $"port {defaults.Hl7.Port}", $"{Hl7Receiver.MaxConnections} connections", $"{Hl7Message.MaxBytes >> 20} MB",
                $"{Hl7Message.MaxSegments} segments", $"{Hl7Message.MaxFields} fields", string.Join(", ", Hl7Message.CharacterSets),
                $"{TakeMessage.UnneededKept.TotalDays:F0} days", $"ORU^R01 of {ResultMessage.Version}",
                .. AdtMessage.Events.Keys.Select(e => $"ADT^{e}")],
            figure => Assert.Contains(figure, Statement, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| ([^|]+?) \| `([0-9.]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(?:TransferSyntax|PresentationContext)\d+ = ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Offer();
}

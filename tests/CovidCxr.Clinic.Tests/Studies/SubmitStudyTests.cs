using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>Films from other programs, sent once or over and over.</summary>
public sealed class SubmitStudyTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Actor Client(int number) =>
        new(TestClinic.Numbered(number), "API client", new HashSet<string> { Role.Program, Role.Radiologist });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<ImportStudyResult?> SendAsync(byte[] film, string? key, string? patient = null, int client = 0xA1) =>
        _clinic.Get<SubmitStudy>().RunAsync(
            new(film, new(patient), HeaderAnswer.NotAsked, IsConfirmed: false), key, Client(client), Cancellation);

    static byte[] Dicom(string patient) => DicomFilm.Write(
        PhantomDrawer.Draw(PhantomKind.Clear, 9, size: 64, bits: 8), (0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1"),
        (0x0008_0018, "UI", "1.2.826.0.1.3680043.10.999.9"), (0x0008_0060, "CS", "CR"), (0x0010_0020, "LO", patient),
        (0x0018_0015, "CS", "CHEST"), (0x0020_000D, "UI", "1.2.826.0.1.3680043.10.999.1.9"),
        (0x0020_000E, "UI", "1.2.826.0.1.3680043.10.999.2.9"));

    [Fact]
    public async Task SameRequestUnderTheSameKey_IsAnsweredAlike_ForADay()
    {
        var first = Assert.IsType<ImportStudyResult.Imported>(await SendAsync(TestClinic.Film(1), "a"));

        Assert.Equal(first, await SendAsync(TestClinic.Film(1), "a"));
        // Without the key, and under another client's, it is a film that is known.
        Assert.Equal(new ImportStudyResult.Duplicate(first.StudyId), await SendAsync(TestClinic.Film(1), null));
        Assert.Equal(new ImportStudyResult.Duplicate(first.StudyId), await SendAsync(TestClinic.Film(1), "a", client: 0xA2));
        _clinic.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new ImportStudyResult.Duplicate(first.StudyId), await SendAsync(TestClinic.Film(1), "a"));
        Assert.Equal(1, await _clinic.CountAsync<Study>());
    }

    [Fact]
    public async Task AnotherRequestUnderTheSameKey_IsRefused()
    {
        await SendAsync(TestClinic.Film(1), "a");

        Assert.Null(await SendAsync(TestClinic.Film(2), "a"));
        Assert.Null(await SendAsync(TestClinic.Film(1), "a", patient: "P-2"));
        Assert.Equal(1, await _clinic.CountAsync<Study>());
    }

    [Fact]
    public async Task WhatWasNotStored_MayBeSentAgainUnderTheKey()
    {
        Assert.IsType<ImportStudyResult.Refused>(await SendAsync([1, 2, 3], "a"));

        Assert.IsType<ImportStudyResult.Imported>(await SendAsync(TestClinic.Film(1), "a"));
    }

    [Fact]
    public async Task Header_IsTaken_UnlessAFieldContradictsIt()
    {
        var asked = Assert.IsType<ImportStudyResult.Asked>(await SendAsync(Dicom("P-9"), "a", patient: "P-8"));
        Assert.Single(asked.Conflicts);

        Assert.IsType<ImportStudyResult.Imported>(await SendAsync(Dicom("P-9"), "b"));

        await using var db = _clinic.Context();
        Assert.Equal("P-9", Assert.Single(db.Studies).PatientNumber);
    }
}

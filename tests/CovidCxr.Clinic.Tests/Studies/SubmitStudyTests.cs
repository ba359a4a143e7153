using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

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

    async Task<ImportStudyResult> SendAsync(byte[] film, string? key, string? patient = null, int client = 0xA1) =>
        Assert.IsType<SubmitStudyResult.Answered>(await AskAsync(_clinic, film, key, patient, client)).Import;

    static Task<SubmitStudyResult> AskAsync(
        TestClinic clinic, byte[] film, string? key, string? patient = null, int client = 0xA1) =>
        clinic.Get<SubmitStudy>().RunAsync(
            new(film, new(patient), HeaderAnswer.NotAsked, IsConfirmed: false), key, Client(client), Cancellation);

    /// <summary>Something that happens just before the next transaction begins.</summary>
    sealed class Meanwhile : DbTransactionInterceptor
    {
        public Func<Task>? Next { get; set; }

        public override async ValueTask<InterceptionResult<System.Data.Common.DbTransaction>> TransactionStartingAsync(
            System.Data.Common.DbConnection connection, TransactionStartingEventData eventData,
            InterceptionResult<System.Data.Common.DbTransaction> result, CancellationToken cancellationToken = default)
        {
            if (Next is { } next)
            {
                Next = null;
                await next();
            }

            return result;
        }
    }

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

        Assert.IsType<SubmitStudyResult.KeyUsed>(await AskAsync(_clinic, TestClinic.Film(2), "a"));
        Assert.IsType<SubmitStudyResult.KeyUsed>(await AskAsync(_clinic, TestClinic.Film(1), "a", patient: "P-2"));
        Assert.Equal(1, await _clinic.CountAsync<Study>());
    }

    [Theory]
    [InlineData(2, typeof(SubmitStudyResult.KeyUsed))]
    [InlineData(1, typeof(SubmitStudyResult.BeingTaken))]
    public async Task SecondRequestUnderAKey_WhileTheFirstIsBeingTaken_StoresNothing(int film, Type expected)
    {
        var meanwhile = new Meanwhile();
        await using var clinic = new TestClinic(
            services: s => s.ConfigureDbContext<CovidCxrDbContext>(o => o.AddInterceptors(meanwhile)));
        SubmitStudyResult? second = null;
        meanwhile.Next = async () => second = await AskAsync(clinic, TestClinic.Film(film), "a");

        var first = await AskAsync(clinic, TestClinic.Film(1), "a");

        Assert.IsType(expected, second);
        Assert.IsType<ImportStudyResult.Imported>(Assert.IsType<SubmitStudyResult.Answered>(first).Import);
        Assert.Equal(1, await clinic.CountAsync<Study>());
        Assert.Equal(first, await AskAsync(clinic, TestClinic.Film(1), "a"));
    }

    [Fact]
    public async Task KeyOfARequestThatNobodyFinished_IsFreeAfterAWhile()
    {
        await using (var db = _clinic.Context())
        {
            db.ApiSubmissions.Add(
                new() { ClientId = Client(0xA1).UserId, Key = "a", RequestHash = [1], At = _clinic.Time.GetUtcNow() });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.IsType<SubmitStudyResult.KeyUsed>(await AskAsync(_clinic, TestClinic.Film(1), "a"));
        _clinic.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<ImportStudyResult.Imported>(await SendAsync(TestClinic.Film(1), "a"));
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

using CovidCxr.Clinic.Corrections;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Corrections;

/// <summary>Sex and birth date of all films of a number, corrected in one action.</summary>
public sealed class CorrectPatientTests : IAsyncDisposable
{
    static readonly DateOnly Born = new(1960, 1, 1);

    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<ChangeStudyResult> CorrectAsync(Sex sex, DateOnly? born, bool isConfirmed = false, Actor? actor = null, string number = "p-1") =>
        _clinic.Get<CorrectPatient>().RunAsync(
            new(number, new(sex, born), "The hospital says so", isConfirmed), actor ?? TestClinic.Lead, Cancellation);

    async Task<Guid> FilmAsync(int seed, Sex sex, DateOnly? born, int? age = null, bool isWithdrawn = false)
    {
        var id = await _clinic.UploadAsync(seed, "P-1");
        await using var db = _clinic.Context();
        var study = await db.Studies.SingleAsync(s => s.Id == id, Cancellation);
        (study.Sex, study.BirthDate, study.AgeYears, study.IsWithdrawn) = (sex, born, age, isWithdrawn);
        await db.SaveChangesAsync(Cancellation);
        return id;
    }

    async Task<List<(Sex, DateOnly?)>> FactsAsync()
    {
        await using var db = _clinic.Context();
        return [.. (await db.AllStudies.OrderBy(s => s.Id).ToListAsync(Cancellation)).Select(s => (s.Sex, s.BirthDate))];
    }

    [Fact]
    public async Task Films_ThatSayItAlready_AreLeftAlone_AndTheWithdrawnOnesAreNot()
    {
        await FilmAsync(1, Sex.Female, Born);
        await FilmAsync(2, Sex.Unknown, null);
        await FilmAsync(3, Sex.Male, Born, isWithdrawn: true);
        await _clinic.UploadAsync(4, "P-2");

        Assert.Equal(2, Assert.IsType<ChangeStudyResult.Changed>(await CorrectAsync(Sex.Female, Born)).Studies);
        Assert.Equal(0, Assert.IsType<ChangeStudyResult.Changed>(await CorrectAsync(Sex.Female, Born)).Studies);

        Assert.Equal([(Sex.Female, Born), (Sex.Female, Born), (Sex.Female, Born), (Sex.Unknown, null)], await FactsAsync());
        Assert.Equal(2, await _clinic.CountAsync<StudyChange>());
    }

    [Theory]
    [InlineData(Sex.Male, 1960, true)]
    [InlineData(Sex.Female, 1961, true)]
    [InlineData(Sex.Female, 1970, false)]
    [InlineData(Sex.Male, 1961, false)]
    public async Task Person_WhoMayBeAnother_IsAskedFor(Sex sex, int year, bool isDone)
    {
        await FilmAsync(1, Sex.Female, Born, age: 66);

        var result = await CorrectAsync(sex, new(year, 1, 1));

        Assert.Equal(isDone, result is ChangeStudyResult.Changed);
        Assert.Equal(isDone, result is not ChangeStudyResult.Doubted { Kinds.Count: > 0 });
        Assert.IsType<ChangeStudyResult.Changed>(await CorrectAsync(sex, new(year, 1, 1), isConfirmed: true));
        Assert.Equal([(sex, new(year, 1, 1))], await FactsAsync());
    }

    [Fact]
    public async Task Correction_IsForTheLead_OfFilmsThatAreHere_AndOfWhatCanBe()
    {
        await FilmAsync(1, Sex.Female, Born);

        await Assert.ThrowsAsync<AccessRefusedException>(() => CorrectAsync(Sex.Male, null, actor: TestClinic.Reader));
        Assert.Contains(
            "no film", Assert.IsType<ChangeStudyResult.Refused>(await CorrectAsync(Sex.Male, null, number: "P-9")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "birth date", Assert.IsType<ChangeStudyResult.Refused>(await CorrectAsync(Sex.Female, new(2090, 1, 1))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsWrittenBeside_StandsOrFallsWithIt()
    {
        await FilmAsync(1, Sex.Female, Born);
        var told = new List<int>();

        var result = await _clinic.Get<CorrectPatient>().RunAsync(
            new("P-1", new(Sex.Male, null), "The hospital says so"), TestClinic.Lead, Cancellation, (_, films) =>
            {
                told.Add(films);
                return Task.FromResult<string?>("Somebody was faster.");
            });

        Assert.Equal("Somebody was faster.", Assert.IsType<ChangeStudyResult.Refused>(result).Message);
        Assert.Equal([1], told);
        Assert.Equal([(Sex.Female, Born)], await FactsAsync());
    }
}

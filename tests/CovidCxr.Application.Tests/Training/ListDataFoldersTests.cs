using CovidCxr.Application.Accounts;
using CovidCxr.Application.Training;
using CovidCxr.Domain.Accounts;
using CovidCxr.Testing;
using Microsoft.Extensions.Options;

namespace CovidCxr.Application.Tests.Training;

public sealed class ListDataFoldersTests : IDisposable
{
    static readonly Actor Admin = new(Guid.Empty, "admin", new HashSet<string> { Role.Admin });

    readonly TestFolder folder = new();
    readonly ListDataFolders list;

    public ListDataFoldersTests() => list = new(new RetrainingRoot(folder.Data, Options.Create(new RetrainingOptions())));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Run_WithoutARoot_FindsNothing() => Assert.Empty(await list.RunAsync(Admin, Cancellation));

    [Fact]
    public async Task Run_WithClassFolders_CountsTheirImages()
    {
        FilmFolders.WriteClasses(list.Root, "clinic", ("COVID-19", 3), ("Normal", 2));
        File.WriteAllText(Path.Combine(list.Root, "clinic", "Normal", "notes.txt"), "no image");

        var found = Assert.Single(await list.RunAsync(Admin, Cancellation));

        Assert.Equal("clinic", found.Path);
        Assert.False(found.IsTable);
        Assert.Null(found.PatientPattern);
        Assert.Equal([new("COVID-19", 3), new("Normal", 2)], found.Classes);
    }

    [Fact]
    public async Task Run_WithPatientNumbersInFileNames_RecognisesThem()
    {
        FilmFolders.WriteClasses(list.Root, "nih", ("Normal", 1));
        File.Move(Path.Combine(list.Root, "nih/Normal/Normal-0.png"), Path.Combine(list.Root, "nih/Normal/00001280_004.png"));

        var found = Assert.Single(await list.RunAsync(Admin, Cancellation));

        Assert.Equal(@"^(\d{8})_\d{3}$", found.PatientPattern);
    }

    [Fact]
    public async Task Run_WithTheCohenTable_TakesItsFindingsOfPresentFilms()
    {
        FilmFolders.WriteTable(list.Root, "cohen", ("COVID-19", 2), ("COVID-19, ARDS", 1), ("Pneumonia", 4));

        var found = Assert.Single(await list.RunAsync(Admin, Cancellation));

        Assert.True(found.IsTable);
        Assert.Equal([new("Pneumonia", 4), new("COVID-19", 2), new("COVID-19, ARDS", 1)], found.Classes);
    }

    [Theory]
    [InlineData(Role.Radiologist)]
    [InlineData(Role.DepartmentLead)]
    public async Task Run_ByAnotherRole_IsRefused(string role) =>
        await Assert.ThrowsAsync<AccessRefusedException>(() => list.RunAsync(new(Guid.Empty, "other", new HashSet<string> { role }), Cancellation));
}

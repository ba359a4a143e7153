using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Laboratory.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    static readonly DateTimeOffset At = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    readonly RunFolder folder = new(Directory.CreateTempSubdirectory("covidcxr-run-").FullName);

    public void Dispose() => Directory.Delete(folder.Path, recursive: true);

    [Fact]
    public void ReadProgress_OfAFolderWithoutProgress_IsEmpty()
    {
        var (lines, next) = folder.ReadProgress(0);

        Assert.Empty(lines);
        Assert.Equal(0, next);
    }

    [Fact]
    public void ReadProgress_InTheMiddleOfALine_WaitsForItsEnd()
    {
        using var writer = folder.OpenProgress();
        writer.Write(RunFolder.Line(new(At, Note: "first")) + "\n" + RunFolder.Line(new(At, Note: "second"))[..20]);

        var (lines, next) = folder.ReadProgress(0);
        writer.Write(RunFolder.Line(new(At, Note: "second"))[20..] + "\n");
        var (rest, _) = folder.ReadProgress(next);

        Assert.Equal("first", Assert.Single(lines).Note);
        Assert.Equal("second", Assert.Single(rest).Note);
    }

    [Fact]
    public void ReadProgress_AfterAProcessDiedAmidALine_GoesOnWithTheNext()
    {
        using (var killed = folder.OpenProgress())
        {
            killed.Write("{\"at\":\"2026");
        }

        using var writer = folder.OpenProgress();
        writer.WriteLine(RunFolder.Line(new(At, Note: "spoilt by the half line before it")));
        writer.WriteLine(RunFolder.Line(new(At, Note: "whole")));

        Assert.Equal("whole", Assert.Single(folder.ReadProgress(0).Lines).Note);
    }

    [Fact]
    public void ReadProgress_OfALossThatIsNoNumber_KeepsIt()
    {
        using var writer = folder.OpenProgress();
        writer.WriteLine(RunFolder.Line(new(At, Step: new(1, 2, 3, 4, double.NaN, 16, 1, 0, [new("head", 0.01, 0.9)]))));

        var step = Assert.Single(folder.ReadProgress(0).Lines).Step!;

        Assert.True(double.IsNaN(step.Loss));
        Assert.Equal(new StageRate("head", 0.01, 0.9), Assert.Single(step.Stages));
    }

    [Fact]
    public void Prepare_AfterAResult_ForgetsIt()
    {
        folder.WriteResult(new(RunFolder.Ending.Interrupted, null, null));

        folder.Prepare("{}", new("/films"));

        Assert.Null(folder.ReadResult());
        Assert.Equal("/films", folder.ReadOrder().DataRoot);
    }
}

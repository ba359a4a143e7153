using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Laboratory.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    static readonly DateTimeOffset At = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    readonly RunFolder _folder = new(Directory.CreateTempSubdirectory("covidcxr-run-").FullName);

    public void Dispose() => Directory.Delete(_folder.Path, recursive: true);

    [Fact]
    public void ReadProgress_OfAFolderWithoutProgress_IsEmpty()
    {
        var (lines, next) = _folder.ReadProgress(0);

        Assert.Empty(lines);
        Assert.Equal(0, next);
    }

    [Fact]
    public void ReadProgress_InTheMiddleOfALine_WaitsForItsEnd()
    {
        using var writer = _folder.OpenProgress();
        writer.Write(RunFolder.Line(new(At, Note: "first")) + "\n" + RunFolder.Line(new(At, Note: "second"))[..20]);

        var (lines, next) = _folder.ReadProgress(0);
        writer.Write(RunFolder.Line(new(At, Note: "second"))[20..] + "\n");
        var (rest, _) = _folder.ReadProgress(next);

        Assert.Equal("first", Assert.Single(lines).Note);
        Assert.Equal("second", Assert.Single(rest).Note);
    }

    [Fact]
    public void ReadProgress_AfterAProcessDiedAmidALine_GoesOnWithTheNext()
    {
        using (var killed = _folder.OpenProgress())
        {
            killed.Write("{\"at\":\"2026");
        }

        using var writer = _folder.OpenProgress();
        writer.WriteLine(RunFolder.Line(new(At, Note: "spoilt by the half line before it")));
        writer.WriteLine(RunFolder.Line(new(At, Note: "whole")));

        Assert.Equal("whole", Assert.Single(_folder.ReadProgress(0).Lines).Note);
    }

    [Fact]
    public void ReadProgress_OfALossThatIsNoNumber_KeepsIt()
    {
        using var writer = _folder.OpenProgress();
        writer.WriteLine(RunFolder.Line(new(At, Step: new(1, 2, 3, 4, double.NaN, 16, 1, 0, [new("head", 0.01, 0.9)]))));

        var step = Assert.Single(_folder.ReadProgress(0).Lines).Step!;

        Assert.True(double.IsNaN(step.Loss));
        Assert.Equal(new StageRate("head", 0.01, 0.9), Assert.Single(step.Stages));
    }

    [Fact]
    public void Prepare_AfterAResult_ForgetsIt()
    {
        _folder.WriteResult(new(RunFolder.Ending.Interrupted, null, null));

        _folder.Prepare("{}", new("/films"));

        Assert.Null(_folder.ReadResult());
        Assert.Equal("/films", _folder.ReadOrder().DataRoot);
    }
}

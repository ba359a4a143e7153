using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>What ships beside the starter model is about that file, and says the figures of its card.</summary>
public class StarterModelTests
{
    [Fact]
    public void StarterModel_ItsCardAndItsVerdict_AreOfOneMeasurement()
    {
        Assert.SkipUnless(File.Exists(StarterModel.Path), "The starter model is not in this checkout.");
        var model = ModelFile.Read(StarterModel.Path);
        var gate = GateReport.FromJson(File.ReadAllText(Path.ChangeExtension(StarterModel.Path, StartModel.GateExtension)));

        Assert.Equal((model.Sha256, GateLimits.Current), (gate.Model.Sha256, gate.Limits));
        var area = model.Header.Metrics.First(m => m.Name == FigureSet.Area);
        Assert.Equal((area.Part, area.Count), (gate.Part, gate.Films));
        var judged = gate.Checks.Single(c => c.Name == "better than chance").Measured!;
        Assert.Equal((area.Value, area.Lower, area.Upper), (judged.Value!.Value, judged.Lower, judged.Upper));
        var kept = model.Header.Metrics.Single(m => m.Name == "positive calls that stay");
        Assert.Equal(kept.Value, gate.Checks.Single(c => c.Name == "positive calls without lungs").Measured!.Value);
    }
}

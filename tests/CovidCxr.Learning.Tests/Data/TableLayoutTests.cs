using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

/// <summary>Public collections by their headers, and the words of labels.</summary>
public class TableLayoutTests
{
    [Theory]
    [InlineData(
        "patientid,offset,sex,age,finding,RT_PCR_positive,view,modality,date,folder,filename", "filename", "finding", "patientid", "view",
        "modality")]
    [InlineData(
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View "
            + "Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],",
        "Image Index", "Finding Labels", "Patient ID", "View Position", null)]
    [InlineData("patientId,x,y,width,height,Target", "patientId", "Target", "patientId", null, null)]
    [InlineData("patientId,class", "patientId", "class", "patientId", null, null)]
    [InlineData("image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max", "image_id", "class_name", null, null, null)]
    [InlineData("Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema", "Path", "*", null, "Frontal/Lateral", null)]
    [InlineData("image_id,label", "image_id", "label", null, null, null)]
    [InlineData("FileName , Label", "FileName", "Label", null, null, null)]
    public void Of_AKnownHeader_NamesItsColumns(string header, string file, string label, string? patient, string? view, string? modality)
    {
        var columns = TableLayout.Of(CsvTable.Parse(header + "\n")).Columns;

        Assert.Equal(
            (file, label, patient, view, modality), (columns.File, columns.Class, columns.Patient, columns.View, columns.Modality));
    }

    [Theory]
    [InlineData("patientid,sex,age,finding,view,modality,filename", "sex", "age")]
    [InlineData("Image Index,Finding Labels,Patient ID,Patient Age,Patient Gender", "Patient Gender", "Patient Age")]
    [InlineData("Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema", "Sex", "Age")]
    [InlineData("file,label,Gender", "Gender", null)]
    public void Of_AHeader_NamesSexAndAge(string header, string? sex, string? age)
    {
        var columns = TableLayout.Of(CsvTable.Parse(header + "\n")).Columns;

        Assert.Equal((sex, age), (columns.Sex, columns.Age));
    }

    [Fact]
    public void LabelOf_ColumnsOfOneZeroAndMinusOne_NamesThoseThatAreOne()
    {
        var table = CsvTable.Parse(
            "Path,Sex,Age,Frontal/Lateral,AP/PA,No "
                + "Finding,Edema,Pneumonia\na,F,1,Frontal,AP,1.0,,\n"
                + "b,F,0,Frontal,AP,,1.0,-1.0\nc,F,1,Frontal,AP,,0.0,\nd,F,1,Frontal,AP,,,\n");

        Assert.Equal(
            ["No Finding", "Edema|Pneumonia (uncertain)", "none of them", ""],
            table.Rows.Select(TableLayout.LabelOf(table, TableColumns.EveryColumn)));
    }

    [Theory]
    [InlineData("COVID-19", false)]
    [InlineData("Pneumonia/Viral/COVID-19", false)]
    [InlineData("COVID-19 pneumonia", false)]
    [InlineData("COVID-19 negative", true)]
    [InlineData("no COVID-19", true)]
    [InlineData("Non-COVID-19", true)]
    [InlineData("suspected COVID-19", true)]
    [InlineData("COVID-19?", true)]
    [InlineData("COVID-19 (-)", true)]
    [InlineData("V. a. COVID-19, nicht bestätigt", true)]
    [InlineData("COVID-19 or SARS", true)]
    public void IsDoubtful_OfALabel_FindsDenialAndDoubt(string label, bool expected) =>
        Assert.Equal(expected, LabelWords.IsDoubtful(label, "COVID-19"));

    [Theory]
    [InlineData("NonCovid", "covid", true)]
    [InlineData("No Finding", "no finding", false)]
    [InlineData("Not normal", "normal", true)]
    [InlineData("COVID-19 negative, repeated", "negative", false)]
    public void IsDoubtful_BesideTheRulesOwnWords_TakesTheseForDecided(string label, string sought, bool expected) =>
        Assert.Equal(expected, LabelWords.IsDoubtful(label, sought));

    // No list of denials is whole: what is not known to be harmless asks for a decision.
    [Theory]
    [InlineData("rule out COVID-19", true)]
    [InlineData("absence of COVID-19", true)]
    [InlineData("COVID-19 -ve", true)]
    [InlineData("brak COVID-19", true)]
    [InlineData("COVID-19: 0", true)]
    [InlineData("COVID-19 N", true)]
    [InlineData("COVID-19 \u2212", true)]
    [InlineData("anti-COVID-19", true)]
    [InlineData("family member with COVID-19", true)]
    [InlineData("COVID-19", false)]
    [InlineData("COVID-19, ARDS", false)]
    [InlineData("Pneumonia/Viral/COVID-19", false)]
    [InlineData("confirmed COVID-19 pneumonia", false)]
    [InlineData("COVID-19 (positive)", false)]
    public void IsDoubtful_OfWordsBesideTheFinding_IsSoUnlessTheyAreHarmless(string label, bool expected) =>
        Assert.Equal(expected, LabelWords.IsDoubtful(label, "COVID-19"));
}

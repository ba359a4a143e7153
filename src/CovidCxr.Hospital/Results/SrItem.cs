using System.Buffers.Binary;
using System.Globalization;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Results;

/// <summary>The items of a structured report's tree (PS3.3, C.17.3), each with how it relates to the one above.</summary>
static class SrItem
{
    public const string Contains = "CONTAINS", ObservationContext = "HAS OBS CONTEXT", Modifier = "HAS CONCEPT MOD",
        AcquisitionContext = "HAS ACQ CONTEXT", SelectedFrom = "SELECTED FROM";

    public static DicomItem Container(Code name, params IEnumerable<DicomItem> content)
    {
        var item = New(Contains, "CONTAINER", name);
        item.Add(Attribute.Continuity, "SEPARATE");
        item.Add(Attribute.Content, content);
        return item;
    }

    public static DicomItem Coded(string relation, Code name, Code value)
    {
        var item = New(relation, "CODE", name);
        item.Add(Attribute.ConceptCode, [value.ToItem()]);
        return item;
    }

    public static DicomItem Text(string relation, Code name, string text)
    {
        var item = New(relation, "TEXT", name);
        item.Add(Attribute.TextValue, text);
        return item;
    }

    public static DicomItem Uid(string relation, Code name, string uid)
    {
        var item = New(relation, "UIDREF", name);
        item.Add(Attribute.UidValue, uid);
        return item;
    }

    /// <summary>A pure number.</summary>
    public static DicomItem Number(Code name, double value)
    {
        var item = New(Contains, "NUM", name);
        item.Add(
            Attribute.MeasuredValue,
            [
                new DicomItem
                {
                    { Attribute.NumericValue, value.ToString("0.######", CultureInfo.InvariantCulture) },
                    { Attribute.UnitsCode, [Codes.NoUnits.ToItem()] },
                },
            ]);
        return item;
    }

    public static DicomItem Image(string relation, DicomItem reference, params IEnumerable<DicomItem> content)
    {
        var item = New(relation, "IMAGE", name: null);
        item.Add(Attribute.ReferencedSop, [reference]);
        if (content.Any())
        {
            item.Add(Attribute.Content, content);
        }

        return item;
    }

    /// <summary>A closed line in an image.</summary>
    /// <param name="points">Column and row from the upper left corner of the first pixel, in pixels.</param>
    public static DicomItem Region(Code name, IReadOnlyList<(float X, float Y)> points, DicomItem image)
    {
        var data = new byte[sizeof(float) * 2 * points.Count];
        for (var i = 0; i < points.Count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(8 * i), points[i].X);
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan((8 * i) + 4), points[i].Y);
        }

        var item = New(Contains, "SCOORD", name);
        item.Add(Attribute.GraphicData, data);
        item.Add(Attribute.GraphicType, "POLYLINE");
        item.Add(Attribute.Content, [Image(SelectedFrom, image)]);
        return item;
    }

    static DicomItem New(string relation, string type, Code? name)
    {
        var item = new DicomItem { { Attribute.RelationshipType, relation }, { Attribute.ValueType, type } };
        if (name is { } code)
        {
            item.Add(Attribute.ConceptName, [code.ToItem()]);
        }

        return item;
    }
}

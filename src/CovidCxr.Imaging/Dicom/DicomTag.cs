namespace CovidCxr.Imaging.Dicom;

/// <summary>The attributes that are read, as group and element (PS3.6).</summary>
static class DicomTag
{
    public const uint TransferSyntax = 0x0002_0010;
    public const uint FirstRecord = 0x0004_1200;
    public const uint Records = 0x0004_1220;
    public const uint NextRecord = 0x0004_1400;
    public const uint RecordInUse = 0x0004_1410;
    public const uint LowerRecord = 0x0004_1420;
    public const uint RecordType = 0x0004_1430;
    public const uint ReferencedFile = 0x0004_1500;
    public const uint ReferencedClass = 0x0004_1510;
    public const uint CharacterSet = 0x0008_0005;
    public const uint SopClass = 0x0008_0016;
    public const uint SopInstance = 0x0008_0018;
    public const uint StudyDate = 0x0008_0020;
    public const uint AcquisitionDate = 0x0008_0022;
    public const uint AccessionNumber = 0x0008_0050;
    public const uint Modality = 0x0008_0060;
    public const uint PresentationIntent = 0x0008_0068;
    public const uint PatientId = 0x0010_0020;
    public const uint BirthDate = 0x0010_0030;
    public const uint PatientSex = 0x0010_0040;
    public const uint PatientAge = 0x0010_1010;
    public const uint BodyPart = 0x0018_0015;
    public const uint ViewPosition = 0x0018_5101;
    public const uint StudyInstance = 0x0020_000D;
    public const uint SeriesInstance = 0x0020_000E;
    public const uint Laterality = 0x0020_0060;
    public const uint ImageLaterality = 0x0020_0062;
    public const uint SamplesPerPixel = 0x0028_0002;
    public const uint Photometric = 0x0028_0004;
    public const uint PlanarConfiguration = 0x0028_0006;
    public const uint NumberOfFrames = 0x0028_0008;
    public const uint Rows = 0x0028_0010;
    public const uint Columns = 0x0028_0011;
    public const uint BitsAllocated = 0x0028_0100;
    public const uint BitsStored = 0x0028_0101;
    public const uint HighBit = 0x0028_0102;
    public const uint PixelRepresentation = 0x0028_0103;
    public const uint RescaleSlope = 0x0028_1053;
    public const uint ModalityLut = 0x0028_3000;
    public const uint LutDescriptor = 0x0028_3002;
    public const uint LutData = 0x0028_3006;
    public const uint PresentationLutShape = 0x2050_0020;
    public const uint PixelData = 0x7FE0_0010;
    public const uint Item = 0xFFFE_E000;
    public const uint ItemEnd = 0xFFFE_E00D;
    public const uint SequenceEnd = 0xFFFE_E0DD;
}

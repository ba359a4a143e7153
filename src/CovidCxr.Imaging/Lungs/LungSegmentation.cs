using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Lungs;

/// <summary>Finds the lungs of a film. Safe to call from several threads.</summary>
public delegate LungMask LungSegmentation(GreyImage film);

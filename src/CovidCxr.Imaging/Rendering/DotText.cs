namespace CovidCxr.Imaging.Rendering;

/// <summary>Writes words into a picture in letters of 5 x 7 dots: no font of the machine is needed, and each looks the same.</summary>
public static class DotText
{
    /// <summary>Dots from one letter to the next, and from one line to the next.</summary>
    public const int Advance = 6, LineHeight = 10;

    const int Columns = 5, Rows = 8;
    const char First = ' ', Last = 'Z';

    // Blank to Z, five bytes each: a byte is a column, its lowest bit the top dot.
    const string Glyphs =
        "000000000000005F00000007000700147F147F14242A7F2A12231308646236495620500008070300001C2241000041221C00" +
        "2A1C7F1C2A08083E080800807030000808080808000060600020100804023E5149453E00427F400072494949462141494D33" +
        "1814127F1027454545393C4A49493141211109073649494936464949291E0000140000004034000000081422411414141414" +
        "004122140802015909063E415D594E7C1211127C7F494949363E414141227F4141413E7F494949417F090909013E41415173" +
        "7F0808087F00417F41002040413F017F081422417F404040407F021C027F7F0408107F3E4141413E7F090909063E4151215E" +
        "7F09192946264949493203017F01033F4040403F1F2040201F3F4038403F631408146303047804036159494D43";

    static readonly byte[] Table = Convert.FromHexString(Glyphs);

    /// <param name="pixels">height x width x 3 bytes; what does not fit is cut off.</param>
    /// <param name="text">Small letters are written as capitals, unknown ones as question marks.</param>
    /// <param name="dot">Pixels of a dot's side.</param>
    /// <param name="colour">Red, green and blue.</param>
    public static void Burn(
        byte[] pixels, int width, int height, int left, int top, int dot, string text, (byte Red, byte Green, byte Blue) colour)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var letter = char.ToUpperInvariant(text[i]);
            var glyph = Columns * ((letter is >= First and <= Last ? letter : '?') - First);
            for (var place = 0; place < Columns * Rows; place++)
            {
                var (column, row) = (place / Rows, place % Rows);
                if ((Table[glyph + column] >> row & 1) == 1)
                {
                    Dot(pixels, width, height, left + (((i * Advance) + column) * dot), top + (row * dot), dot, colour);
                }
            }
        }
    }

    static void Dot(byte[] pixels, int width, int height, int left, int top, int side, (byte Red, byte Green, byte Blue) colour)
    {
        for (var y = Math.Max(0, top); y < Math.Min(height, top + side); y++)
        {
            for (var x = Math.Max(0, left); x < Math.Min(width, left + side); x++)
            {
                var at = 3 * ((y * width) + x);
                (pixels[at], pixels[at + 1], pixels[at + 2]) = colour;
            }
        }
    }
}

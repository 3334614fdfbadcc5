using System.Text;
using CudaWasm.Runtime;

namespace CudaWasm.Tests.Runtime;

public sealed class NpyFileTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (var element in ElementType.All)
        {
            foreach (var shape in new long[][] { [], [7], [2, 3], [4, 1, 5] })
            {
                var header = NpyFile.Header(element, shape);
                using var stream = new MemoryStream(header);

                var npy = NpyFile.ReadHeader(stream);

                Assert.Equal(0, header.Length % 64);
                Assert.Equal(header.Length, stream.Position);
                Assert.Equal((element, header.Length), (npy.Element, npy.DataOffset));
                Assert.Equal(shape, npy.Shape);
            }
        }
    }

    [Theory]
    [InlineData(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "float", 6)]
    [InlineData(2, "{'shape': (), 'descr': '|b1', 'fortran_order': False}", "uchar", 1)]
    [InlineData(1, "{'descr': '<i8', 'fortran_order': True, 'shape': (5,), }", "longlong", 5)]
    public void Headers_of_both_versions_are_understood(int version, string header, string element, long count)
    {
        var npy = NpyFile.ReadHeader(Stream(version, header));

        Assert.Equal((element, count), (npy.Element.Name, npy.Count));
    }

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", "big-endian")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "ascontiguousarray")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", "<c8")]
    [InlineData("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }", "structured")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "shape")]
    public void Arrays_that_no_buffer_can_hold_are_refused(string header, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => NpyFile.ReadHeader(Stream(1, header)));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_none_or_cut_off_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => NpyFile.ReadHeader(new MemoryStream([1, 2, 3])));
        Assert.Throws<InvalidDataException>(() => NpyFile.ReadHeader(new MemoryStream(NpyFile.Header(ElementType.All[0], [3])[..40])));
    }

    private static MemoryStream Stream(int version, string header)
    {
        var stream = new MemoryStream();
        stream.Write([0x93, .. "NUMPY"u8, (byte)version, 0]);
        stream.Write(version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes(header.Length));
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Position = 0;
        return stream;
    }
}

using System.Buffers.Binary;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Runtime;

/// <summary>Puts the changes of all parts into one chunk of an output after the other.</summary>
/// <param name="element">What a chunk holds.</param>
/// <param name="overlap">For elements that several parts changed.</param>
internal sealed class PartMerge(ElementType element, PartOverlap overlap)
{
    private byte[] _first = [];
    private byte[] _merged = [];
    private byte[] _changed = [];

    /// <summary>By element: 0 where no part changed it, else the number of the first that did plus 1, negative once another did, too.</summary>
    private int[] _owners = [];
    private bool _isNew;

    /// <summary>Elements that a part changed.</summary>
    public long Changes { get; private set; }

    /// <summary>Those of them that several parts changed.</summary>
    public long Overlaps { get; private set; }

    /// <summary>To be filled with what a part has, before <see cref="Take"/>.</summary>
    public Span<byte> Changed => _changed;

    /// <summary>The first content with all changes, once a part was taken.</summary>
    public ReadOnlySpan<byte> Merged => _merged;

    /// <summary>Starts a chunk.</summary>
    /// <param name="length">In bytes.</param>
    /// <returns>To be filled with the first content.</returns>
    public Span<byte> Begin(int length)
    {
        if (_first.Length != length)
        {
            (_first, _merged, _changed) = (new byte[length], new byte[length], new byte[length]);
            _owners = new int[length / element.Size];
        }

        _owners.AsSpan().Clear();
        _isNew = true;
        return _first;
    }

    /// <summary>Takes the changes of a part.</summary>
    /// <param name="part">Its number.</param>
    /// <returns>Index in the chunk of an element that both this part and another changed, and the other; null where nothing is in the way.</returns>
    public (int Index, int Other)? Take(int part)
    {
        if (_isNew)
        {
            _first.CopyTo(_merged, 0);
            _isNew = false;
        }

        if (_changed.AsSpan().SequenceEqual(_first)) return null;
        var size = element.Size;
        for (var i = 0; i < _owners.Length; i++)
        {
            var before = _first.AsSpan(i * size, size);
            var now = _changed.AsSpan(i * size, size);
            var kept = _merged.AsSpan(i * size, size);
            if (now.SequenceEqual(before)) continue;
            if (_owners[i] == 0)
            {
                _owners[i] = part + 1;
                Changes++;
                now.CopyTo(kept);
                continue;
            }

            if (overlap == PartOverlap.Error || (overlap == PartOverlap.Same && !now.SequenceEqual(kept))) return (i, Math.Abs(_owners[i]) - 1);
            if (_owners[i] > 0) Overlaps++;
            _owners[i] = -Math.Abs(_owners[i]);
            if (overlap == PartOverlap.Sum) AddChange(element.Type, kept, before, now);
        }

        return null;
    }

    /// <summary>kept += now - before, as the type computes: integers wrap, floats are rounded once.</summary>
    private static void AddChange(IrType type, Span<byte> kept, ReadOnlySpan<byte> before, ReadOnlySpan<byte> now)
    {
        switch (type)
        {
            case IrType.F16:
                BinaryPrimitives.WriteHalfLittleEndian(kept, (Half)((double)BinaryPrimitives.ReadHalfLittleEndian(kept) + ((double)BinaryPrimitives.ReadHalfLittleEndian(now) - (double)BinaryPrimitives.ReadHalfLittleEndian(before))));
                break;
            case IrType.F32:
                BinaryPrimitives.WriteSingleLittleEndian(kept, (float)(BinaryPrimitives.ReadSingleLittleEndian(kept) + ((double)BinaryPrimitives.ReadSingleLittleEndian(now) - BinaryPrimitives.ReadSingleLittleEndian(before))));
                break;
            case IrType.F64:
                BinaryPrimitives.WriteDoubleLittleEndian(kept, BinaryPrimitives.ReadDoubleLittleEndian(kept) + (BinaryPrimitives.ReadDoubleLittleEndian(now) - BinaryPrimitives.ReadDoubleLittleEndian(before)));
                break;
            default:
                // Modulo 2^n, whatever the sign.
                var carry = 0;
                for (var i = 0; i < kept.Length; i++)
                {
                    carry += kept[i] + now[i] - before[i];
                    kept[i] = unchecked((byte)carry);
                    carry >>= 8;
                }

                break;
        }
    }
}

namespace CudaWasm.Runtime.Cpu;

/// <summary>Puts what blocks print in the order of the blocks: the lowest unfinished block writes at once, the others wait for their turn.</summary>
internal sealed class PrintQueue(TextWriter output, long firstBlock)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, string> _finished = [];
    private long _turn = firstBlock;

    /// <summary>Writes if it is the block's turn.</summary>
    public bool TryWrite(long block, string text)
    {
        lock (_lock)
        {
            if (block != _turn) return false;
            output.Write(text);
            return true;
        }
    }

    /// <summary>Ends a block with what it has not written yet.</summary>
    public void Complete(long block, string rest)
    {
        lock (_lock)
        {
            _finished[block] = rest;
            while (_finished.Remove(_turn, out var text))
            {
                output.Write(text);
                _turn++;
            }
        }
    }

    /// <summary>After the launch: writes what is left of blocks up to the one that faulted.</summary>
    public void Finish(long lastBlock)
    {
        lock (_lock)
        {
            foreach (var (block, text) in _finished)
            {
                if (block <= lastBlock) output.Write(text);
            }

            _finished.Clear();
            output.Flush();
        }
    }
}

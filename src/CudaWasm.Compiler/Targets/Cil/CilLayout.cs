using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Decides where parameters, variables and per-thread slots lie.</summary>
internal sealed class CilLayout
{
    /// <summary>Arrays of per-thread slots begin on multiples of this.</summary>
    private const int AreaAlignment = 16;

    private readonly Dictionary<IrVariable, CilObject> _objects = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<IrSlot, int> _slots = [];
    private int _nextId = 1;

    public CilLayout(IrBlockProgram program)
    {
        var module = program.Module;
        HasGridBarrier = program.HasGridBarrier;
        foreach (var global in module.Globals) Add(global, 0, false);
        LayOutParameters(module.Kernel);
        foreach (var variable in module.Functions.SelectMany(f => f.Variables).Concat(module.Kernel.Variables)) LayOut(variable, module.Kernel, program);
        StaticSharedBytes = Align(StaticSharedBytes, AreaAlignment);
        LocalBytes = Align(LocalBytes, AreaAlignment);
        LocalBytesPerThread = Align(LocalBytesPerThread, AreaAlignment);
        StackObject = _nextId++;
        LayOutSlots(module.Kernel);
    }

    public IReadOnlyList<CilObject> Objects => [.. _objects.Values.DistinctBy(o => o.Id)];

    public List<int> ParameterOffsets { get; } = [];

    public int ArgumentBytes { get; private set; }

    public int SlotBytes { get; private set; }

    public long StaticSharedBytes { get; private set; }

    public long LocalBytes { get; private set; }

    public long LocalBytesPerThread { get; private set; }

    public int StackObject { get; }

    public bool HasGridBarrier { get; }

    public CilObject this[IrVariable variable] => _objects.TryGetValue(variable, out var found) ? found
        : throw new InvalidOperationException($"Variable {variable.Name} is declared neither in the kernel nor in the module.");

    public IEnumerable<CilObject> PerThreadObjects => _objects.Values.Where(o => o.IsPerThread);

    /// <summary>A per-thread slot's array begins at this many bytes times the number of threads.</summary>
    public int SlotOffset(IrSlot slot) => _slots[slot];

    /// <summary>Bytes of a slot in the per-thread arrays; F16 and BF16 are kept as F32.</summary>
    public static int SlotSize(IrType type) => type is IrType.F16 or IrType.BF16 ? 4 : type.Size();

    public static long Align(long value, long alignment) => (value + alignment - 1) / alignment * alignment;

    private void LayOutParameters(IrFunction kernel)
    {
        long offset = 0;
        foreach (var parameter in kernel.Parameters)
        {
            offset = Align(offset, Math.Max(8, parameter.Variable?.Alignment ?? 8));
            ParameterOffsets.Add((int)offset);
            if (parameter.Variable is { } variable) Add(variable, offset, false);
            offset += parameter.Variable?.Bytes ?? 8;
        }

        ArgumentBytes = (int)Align(offset, AreaAlignment);
    }

    private void LayOut(IrVariable variable, IrFunction kernel, IrBlockProgram program)
    {
        if (_objects.ContainsKey(variable)) return;
        switch (variable.Space)
        {
            case IrSpace.Shared:
                StaticSharedBytes = Align(StaticSharedBytes, Math.Max(8, variable.Alignment));
                Add(variable, StaticSharedBytes, false);
                StaticSharedBytes += variable.Bytes;
                break;
            case IrSpace.DynamicShared:
                var first = _objects.Values.FirstOrDefault(o => o.Variable.Space == IrSpace.DynamicShared);
                if (first is null) Add(variable, 0, false);
                else _objects.Add(variable, first);
                break;
            case IrSpace.Local when kernel.Variables.Contains(variable) && program.PerThreadVariables.Contains(variable):
                LocalBytesPerThread = Align(LocalBytesPerThread, AreaAlignment);
                Add(variable, LocalBytesPerThread, true);
                LocalBytesPerThread += Stride(variable);
                break;
            case IrSpace.Local when kernel.Variables.Contains(variable):
                // One copy for each lane of a vector.
                LocalBytes = Align(LocalBytes, Math.Max(AreaAlignment, variable.Alignment));
                Add(variable, LocalBytes, false);
                LocalBytes += LaneMemory.MaxLanes * Stride(variable);
                break;
            case IrSpace.Global or IrSpace.Constant:
                Add(variable, 0, false);
                break;
        }
    }

    /// <summary>Bytes from one thread's copy of a per-thread variable to the next one's.</summary>
    public static long Stride(IrVariable variable) => Align(variable.Bytes, AreaAlignment);

    private void LayOutSlots(IrFunction kernel)
    {
        // Large ones first, so that every array is aligned whatever the number of threads.
        foreach (var slot in kernel.Slots.Where(s => s.Storage == IrSlotStorage.PerThread).OrderByDescending(s => SlotSize(s.Type)))
        {
            _slots.Add(slot, SlotBytes);
            SlotBytes += SlotSize(slot.Type);
        }
    }

    private void Add(IrVariable variable, long offset, bool perThread) => _objects.Add(variable, new CilObject(_nextId++, variable, offset, perThread));
}

using System.Reflection.Emit;
using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Targets.Cil;

/// <summary>Switches whose lanes may go to sections of their own.</summary>
internal sealed partial class CilEmitter
{
    private void EmitLaneSwitch(IrSwitch statement)
    {
        if (_lanes!.Shape(statement.Value).IsUniform)
        {
            EmitSwitch(statement, EmitLanes);
            return;
        }

        Prepare(statement.Value);
        var value = Materialize(statement.Value);
        var parent = _scopes[^1];
        var sections = statement.Sections.Select(s => s.Values.Count > 0 || s.IsDefault ? DeclareMask() : null).ToArray();
        var rest = CopyMask(parent);
        for (var i = 0; i < sections.Length; i++)
        {
            if (sections[i] is not { } chosen) continue;
            StoreParts(chosen, row =>
            {
                EmitNoLanes();
                foreach (var constant in statement.Sections[i].Values)
                {
                    PushIsConstant(value, statement.Value.Type, constant, row);
                    EmitBinary("BitwiseOr", typeof(int));
                }

                AndMask(rest, row);
            });
            StoreParts(rest, row =>
            {
                _il.Emit(OpCodes.Ldloc, rest[row]);
                _il.Emit(OpCodes.Ldloc, chosen[row]);
                EmitBinary("AndNot", typeof(int));
            });
        }

        ReleaseTemps();
        // Lanes run on from section to section; what leaves is taken out of the mask.
        var running = DeclareMask();
        StoreParts(running, _ => EmitNoLanes());
        for (var i = 0; i < sections.Length; i++)
        {
            var section = statement.Sections[i];
            if (sections[i] is { } chosen)
            {
                StoreParts(running, row =>
                {
                    _il.Emit(OpCodes.Ldloc, running[row]);
                    _il.Emit(OpCodes.Ldloc, chosen[row]);
                    EmitBinary("BitwiseOr", typeof(int));
                    if (!section.IsDefault) return;
                    _il.Emit(OpCodes.Ldloc, rest[row]);
                    EmitBinary("BitwiseOr", typeof(int));
                });
            }

            var (skip, gone) = (_il.DefineLabel(), _il.DefineLabel());
            EmitSkip(running, skip);
            EmitScope(section.Body, running, gone);
            _il.Emit(OpCodes.Br, skip);
            _il.MarkLabel(gone);
            StoreParts(running, _ => EmitNoLanes());
            _il.MarkLabel(skip);
        }

        LeaveEmptyScope(parent);
    }

    /// <summary>Puts the lanes of a row whose value is a constant on the stack.</summary>
    private void PushIsConstant(LocalBuilder[] value, IrType type, long constant, int row)
    {
        var element = VectorIsa.Element(type);
        var count = IsWide(type) ? 2 : 1;
        for (var i = 0; i < count; i++)
        {
            _il.Emit(OpCodes.Ldloc, value[(row * count) + i]);
            EmitConstant(new IrConstant(type, constant));
            EmitCreate(element);
            EmitBinary("Equals", element);
        }

        if (count == 2) EmitBinary("Narrow", typeof(long));
    }
}

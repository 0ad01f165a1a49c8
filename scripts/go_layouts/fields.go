// Prints where the fields of named structures and variables lie, from a program's DWARF:
//
//	fields PROGRAM runtime.g "var runtime.work" ...
//	runtime.g	stack.lo	0	8          type, field, offset, size
//	runtime.g	SIZE	392	0
package main

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"log"
	"os"
)

const maxDepth = 4

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: fields PROGRAM NAME...")
	}
	wanted := map[string]bool{}
	for _, name := range os.Args[2:] {
		wanted[name] = true
	}
	if err := printAll(os.Args[1], wanted); err != nil {
		log.Fatalf("fields: %s: %v", os.Args[1], err)
	}
}

func printAll(path string, wanted map[string]bool) error {
	file, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := file.DWARF()
	if err != nil {
		return err
	}
	reader := data.Reader()
	for {
		entry, err := reader.Next()
		if err != nil || entry == nil {
			return err
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		switch entry.Tag {
		case dwarf.TagStructType:
			reader.SkipChildren()
			if !wanted[name] {
				continue
			}
			if err := printType(data, name, entry.Offset); err != nil {
				return err
			}
			wanted[name] = false
		case dwarf.TagVariable:
			offset, ok := entry.Val(dwarf.AttrType).(dwarf.Offset)
			if !ok || !wanted["var "+name] {
				continue
			}
			if err := printType(data, "var "+name, offset); err != nil {
				return err
			}
			wanted["var "+name] = false
		}
	}
}

func printType(data *dwarf.Data, name string, offset dwarf.Offset) error {
	t, err := data.Type(offset)
	if err != nil {
		return err
	}
	if structure, ok := underlying(t).(*dwarf.StructType); ok {
		printFields(name, "", structure, 0, 1)
	}
	fmt.Printf("%s\tSIZE\t%d\t0\n", name, t.Size())
	return nil
}

func underlying(t dwarf.Type) dwarf.Type {
	for {
		named, ok := t.(*dwarf.TypedefType)
		if !ok {
			return t
		}
		t = named.Type
	}
}

func printFields(name, prefix string, structure *dwarf.StructType, base int64, depth int) {
	for _, field := range structure.Field {
		path := prefix + field.Name
		offset := base + field.ByteOffset
		fmt.Printf("%s\t%s\t%d\t%d\n", name, path, offset, field.Type.Size())
		if inner, ok := underlying(field.Type).(*dwarf.StructType); ok && depth < maxDepth {
			printFields(name, path+".", inner, offset, depth+1)
		}
	}
}

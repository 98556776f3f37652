package pack

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// The tags of rpm headers that are written or read.
// Source: rpm, include/rpm/rpmtag.h.
const (
	tagSignatures = 62 // region of the signature header
	tagImmutable  = 63 // region of the header
	tagI18N       = 100

	sigDSA         = 267 // header-only signature, not RSA
	sigRSA         = 268 // header-only signature, RSA
	sigSHA1        = 269
	sigLongSize    = 270
	sigLongArchive = 271
	sigSHA256      = 273
	sigSize        = 1000
	sigPGP         = 1002
	sigArchive     = 1007

	tagName         = 1000
	tagVersion      = 1001
	tagRelease      = 1002
	tagEpoch        = 1003
	tagSummary      = 1004
	tagDescription  = 1005
	tagBuildTime    = 1006
	tagBuildHost    = 1007
	tagSize         = 1009
	tagVendor       = 1011
	tagLicense      = 1014
	tagPackager     = 1015
	tagGroup        = 1016
	tagURL          = 1020
	tagOS           = 1021
	tagArch         = 1022
	tagPreIn        = 1023
	tagPostIn       = 1024
	tagPreUn        = 1025
	tagPostUn       = 1026
	tagOldFilenames = 1027
	tagFileSizes    = 1028
	tagFileModes    = 1030
	tagFileRDevs    = 1033
	tagFileMTimes   = 1034
	tagFileDigests  = 1035
	tagFileLinks    = 1036
	tagFileFlags    = 1037
	tagFileUsers    = 1039
	tagFileGroups   = 1040
	tagSourceRPM    = 1044
	tagFileVerify   = 1045
	tagProvideName  = 1047
	tagRequireFlags = 1048
	tagRequireName  = 1049
	tagRequireVer   = 1050
	tagConflictFlag = 1053
	tagConflictName = 1054
	tagConflictVer  = 1055
	tagVerifyScript = 1079
	tagLogTime      = 1080
	tagLogName      = 1081
	tagLogText      = 1082
	tagPreInProg    = 1085
	tagPostInProg   = 1086
	tagPreUnProg    = 1087
	tagPostUnProg   = 1088
	tagVerifyProg   = 1091
	tagFileDevices  = 1095
	tagFileInodes   = 1096
	tagFileLangs    = 1097
	tagProvideFlags = 1112
	tagProvideVer   = 1113
	tagDirIndexes   = 1116
	tagBaseNames    = 1117
	tagDirNames     = 1118
	tagPayload      = 1124
	tagCompressor   = 1125
	tagPayloadFlags = 1126
	tagPreTrans     = 1151
	tagPostTrans    = 1152
	tagPreTransProg = 1153
	tagPostTransPrg = 1154
	tagLongFiles    = 5008
	tagLongSize     = 5009
	tagDigestAlgo   = 5011
	tagRecommend    = 5046
	tagRecommendVer = 5047
	tagRecommendFlg = 5048
	tagEncoding     = 5062
	tagPayloadSum   = 5092
	tagPayloadAlgo  = 5093
	tagPayloadPlain = 5097
)

// The types of header entries.
const (
	rpmInt8    = 2
	rpmInt16   = 3
	rpmInt32   = 4
	rpmInt64   = 5
	rpmString  = 6
	rpmBinary  = 7
	rpmStrings = 8
	rpmI18N    = 9
)

const sha256Algo = 8 // RFC 4880, section 9.4

// An rpmEntry is the value of one tag.
type rpmEntry struct {
	kind, count uint32
	data        []byte
}

// An rpmHeader collects the entries of a header.
type rpmHeader map[uint32]rpmEntry

func (h rpmHeader) text(tag uint32, s string) {
	if s != "" {
		h[tag] = rpmEntry{rpmString, 1, append([]byte(s), 0)}
	}
}

// i18n sets a text that may be translated; it is in the locale C.
func (h rpmHeader) i18n(tag uint32, s string) {
	h[tag] = rpmEntry{rpmI18N, 1, append([]byte(s), 0)}
}

func (h rpmHeader) texts(tag uint32, list []string) {
	if len(list) > 0 {
		h[tag] = rpmEntry{rpmStrings, uint32(len(list)), []byte(strings.Join(list, "\x00") + "\x00")}
	}
}

func (h rpmHeader) bytes(tag uint32, data []byte) {
	h[tag] = rpmEntry{rpmBinary, uint32(len(data)), data}
}

func (h rpmHeader) int16s(tag uint32, list []uint16) { h.ints(tag, rpmInt16, len(list), list) }
func (h rpmHeader) int32s(tag uint32, list []uint32) { h.ints(tag, rpmInt32, len(list), list) }
func (h rpmHeader) int64s(tag uint32, list []uint64) { h.ints(tag, rpmInt64, len(list), list) }
func (h rpmHeader) int32(tag, n uint32)              { h.int32s(tag, []uint32{n}) }

func (h rpmHeader) ints(tag, kind uint32, n int, list any) {
	if n == 0 {
		return
	}
	data, err := binary.Append(nil, binary.BigEndian, list)
	if err != nil {
		panic(err) // the callers pass slices of fixed-size integers
	}
	h[tag] = rpmEntry{kind, uint32(n), data}
}

// size sets a number that has a tag for 32 and one for 64 bits.
func (h rpmHeader) size(short, long uint32, n int64) {
	if n <= 1<<31-1 {
		h.int32(short, uint32(n))
	} else {
		h.int64s(long, []uint64{uint64(n)})
	}
}

var rpmAlign = map[uint32]int{rpmInt16: 2, rpmInt32: 4, rpmInt64: 8}

// encode returns the header with the region tag that binds its entries.
//
// Source: rpm manual, "RPM V4 Package format", Header structure.
func (h rpmHeader) encode(region uint32) []byte {
	var index, store bytes.Buffer
	tags := make([]uint32, 0, len(h))
	for tag := range h {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		e := h[tag]
		if a := rpmAlign[e.kind]; a > 0 {
			store.Write(make([]byte, (a-store.Len()%a)%a))
		}
		index.Write(indexEntry(tag, e.kind, uint32(store.Len()), e.count))
		store.Write(e.data)
	}
	end := uint32(store.Len())
	store.Write(indexEntry(region, rpmBinary, uint32(-16*int32(len(tags)+1)), 16))

	out := []byte{0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0}
	out = binary.BigEndian.AppendUint32(out, uint32(len(tags)+1))
	out = binary.BigEndian.AppendUint32(out, uint32(store.Len()))
	out = append(out, indexEntry(region, rpmBinary, end, 16)...)
	out = append(out, index.Bytes()...)
	return append(out, store.Bytes()...)
}

func indexEntry(tag, kind, offset, count uint32) []byte {
	var b []byte
	for _, n := range []uint32{tag, kind, offset, count} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// rpmLead returns the lead: obsolete but for its magic number.
func rpmLead(name string) []byte {
	lead := make([]byte, 96)
	copy(lead, []byte{0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1})
	copy(lead[10:75], name)
	lead[77], lead[79] = 1, 5 // Linux, header-style signature
	return lead
}

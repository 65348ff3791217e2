package seal

import (
	"encoding/binary"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
)

const purposeCodeWord = "haochaping code word"

// words are easily said and heard on the telephone, in Chinese and by their sound; their number divides 2^16
// evenly, so that each is as likely as the next.
var words = []string{
	"雪山 xuěshān", "草原 cǎoyuán", "青稞 qīngkē", "牦牛 máoniú", "酥油 sūyóu", "哈达 hǎdá", "格桑 gésāng", "杜鹃 dùjuān",
	"松树 sōngshù", "白云 báiyún", "彩虹 cǎihóng", "溪水 xīshuǐ", "石桥 shíqiáo", "木屋 mùwū", "骏马 jùnmǎ", "苹果 píngguǒ",
}

// CodeWord is a word and two digits that only who has the subject's key can tell: 1,600 there are, which a
// caller has one guess at.
func (k SubjectKey) CodeWord() (string, error) {
	b, err := derive(k.key, purposeCodeWord, sm3.Size)
	if err != nil {
		return "", err
	}
	word := words[binary.BigEndian.Uint16(b)%uint16(len(words))]
	return fmt.Sprintf("%s %02d", word, binary.BigEndian.Uint32(b[2:])%100), nil
}
